// Begins the replica set of compose.yaml and makes two users: admin, who rules
// the server, and accord, who may do what a gateway does and no more. Run by
// mongosh beside the first member; it may be run again.
'use strict';

const fs = require('fs');
const secret = (name) => fs.readFileSync('/run/secrets/' + name, 'utf8').trim();
const here = () => new Mongo('mongodb://127.0.0.1:27017/?directConnection=true').getDB('admin');

const members = ['mongo-1:27017', 'mongo-2:27017', 'mongo-3:27017'];
const patience = 60 * 1000; // milliseconds, for the first election

// What a gateway sends (storage/mongo): it never deletes a document; dropCollection
// is for views that were made anew. The last two let it ask, at every start,
// whether the deployment is safe.
const privileges = [
  {
    resource: {db: 'accord', collection: ''},
    actions: ['find', 'insert', 'update', 'createCollection', 'createIndex', 'dropCollection'],
  },
  {resource: {cluster: true}, actions: ['replSetGetConfig', 'getParameter']},
];

function authenticated(admin) {
  try {
    return Boolean(admin.auth('admin', secret('mongodb-admin-password')));
  } catch (e) {
    return false;
  }
}

function begin(admin) {
  if (admin.hello().setName) {
    return; // a run that was interrupted
  }
  const config = {_id: 'accord', members: members.map((host, i) => ({_id: i, host: host}))};
  const answer = admin.runCommand({replSetInitiate: config});
  if (!answer.ok) {
    throw new Error('replSetInitiate: ' + answer.errmsg);
  }
}

function waitForPrimary(admin) {
  for (const end = Date.now() + patience; !admin.hello().isWritablePrimary; sleep(500)) {
    if (Date.now() > end) {
      throw new Error('mongo-1 did not become primary; only beside the primary can the first user be made');
    }
  }
}

// ensure makes the role and the user of the gateways unless they are there: a run
// may have ended between two steps.
function ensure(admin) {
  if (!admin.getRole('accordGateway')) {
    admin.createRole({role: 'accordGateway', privileges: privileges, roles: []});
  }
  if (!admin.getUser('accord')) {
    admin.createUser({user: 'accord', pwd: secret('mongodb-accord-password'), roles: ['accordGateway']});
  }
}

const admin = here();
if (!authenticated(admin)) {
  begin(admin);
  waitForPrimary(admin);
  admin.createUser({user: 'admin', pwd: secret('mongodb-admin-password'), roles: ['root']});
  if (!authenticated(admin)) {
    throw new Error('the user admin was made and cannot log in');
  }
}
ensure(admin);
print('the replica set and its users are there');
